"""Machine code from plain Python: a translator to LLVM's language, and kernels that keep what was compiled (docs/decisions/0013)."""

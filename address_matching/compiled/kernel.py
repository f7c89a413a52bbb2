"""Where the functions of this package are compiled."""

from machine_code.kernel import Kernel

KERNEL = Kernel("address_matching.compiled", ("answering", "misspelling", "tables"))
compiled, entry = KERNEL.compiled, KERNEL.entry

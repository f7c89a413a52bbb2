"""Places that exports are pulled from, one module a kind; the library of each is loaded when it is needed."""

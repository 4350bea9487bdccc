"""Which parts of a Python code base are worth porting to Go, in what order, at what cost, and which are not."""

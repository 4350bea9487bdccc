"""Product photos as data frames and arrays."""

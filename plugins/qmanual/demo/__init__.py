"""A manual with a past, for looking at: eighteen months in the life of the sample, made by the use cases themselves.

`story.toml` tells what happens, `making` lets it happen with the same functions that the commands call, so that what
is shown here is what people get. The same sample gives the same commits, to the byte.
"""

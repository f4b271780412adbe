"""The life of a document: new, revised, approved, released, withdrawn.

Every command works out a `Plan` first, from the manual alone: what would be written, byte for byte. A person reads it
and agrees; then `carry_out` writes all of it or nothing.
"""

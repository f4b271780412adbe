"""QManual: a quality manual kept as code. Documents in git, checked while people write, published when approved."""

__version__ = "0.1.0"

"""Document control: status, edition, approval. Derived from the register and the history, never typed."""

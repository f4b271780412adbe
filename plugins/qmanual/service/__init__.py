"""What people come for, as functions. The shells (`cli`, `plugin`) call these and print; the edges are called here."""

"""Values in, text out: reports of findings, pages, tables. Pure; the edges write what is made here."""

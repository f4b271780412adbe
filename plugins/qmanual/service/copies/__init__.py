"""Controlled copies: issued, recalled, listed, and the sheet that is taken along to fetch them."""

"""Packages: what is in force on a day, in one folder and one zip, with all that somebody far away needs to prove it."""

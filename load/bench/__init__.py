"""`make bench`: what this machine could do at best, and what NovaShop does on it, side by side.

Limits and shop are measured in the same run, through nginx, against the same database server. What
counts is the ratio of the two: it says the same on a fast machine and on a slow one.
"""

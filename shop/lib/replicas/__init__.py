"""Reading from databases that follow the first one a little behind, where nobody is hurt by it.

A view says that it may lag (`reading.may_lag`); everything else reads from the primary. Who has
written reads from the primary for a while (`visits`), and a replica that lags, is away or follows
nobody any more is not read (`watch`). Without replicas in the settings none of this runs.
"""

"""The cache that all processes share, which may be away without anybody noticing.

`backend.RedisCache` is Django's cache over one Redis. Where that does not answer, or not soon
enough, a breaker opens and the shop goes on without: reads find nothing, writes are dropped, and
what needs an answer raises `errors.CacheAwayError`. Nothing that was there before a dropped write
is believed again (`keeper`).
"""

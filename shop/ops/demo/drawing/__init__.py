"""The demo's pictures, drawn with shapes: `python -m shop.ops.demo.drawing` draws them anew.

A picture is 1000 units high, light comes from the upper left, and things stand at FLOOR.
"""

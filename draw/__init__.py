"""A fair lot that anybody can draw again (`bid-draw/1`, docs/draw.md).

Pure functions on the standard library: no files (but for `draw.replay`), no clock, no chance.
"""

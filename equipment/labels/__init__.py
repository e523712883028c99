"""Labels with QR codes: what they show, how large they are, and making them as pictures and as sheets.

`sizes`, `layout`, `fitting`, `options` and `sheets` are plain arithmetic; `drawing` and `pdf` put it on paper.
"""

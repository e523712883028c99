"""Photos of items, made anew out of what people send.

`encoding` is the work itself, `encoder_process` does it in a process with limits, `isolated.photo_jpeg` is what
services call. What a picture is, and how it is decoded, is the same as for signatures (`roster.signatures`).
"""

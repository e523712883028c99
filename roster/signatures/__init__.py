"""How a picture becomes a signature: a room of its own, because what comes in may be made to do harm.

`sniffing` tells what a file is, `pipeline` makes the small PNG of it, `chamber` does so in a process with limits;
`apart.signature_png` is what services call. `refusals` has the words.
"""

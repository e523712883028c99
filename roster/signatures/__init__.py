"""Processing of signature pictures, kept apart because an upload may be made to do harm.

`sniffing` tells what a file is, `pipeline` makes the small PNG of it, `decoder_process` does so in a process with
limits; `isolated.signature_png` is what services call. `refusals` has the words.
"""

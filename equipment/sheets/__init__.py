"""Equipment as a table in files: written (`export`), read (`reading`), compared (`comparing`), imported (`importing`).

What is exported can be imported again: rows are recognised by the code of their item.
"""

"""Services of equipment: every change of it, by module.

`catalogue` locations and types · `items` the register · `issues` who has what · `availability` times out of service,
lost and found · `files` photos, documents, links · `inspection_plans` what is checked how often · `inspections` what
came of it · `standings` until when items are in order.

Order of locks: location, person, type, item (several by key), rows of the item. Whoever locks events as well locks them
between the person and the type.
"""

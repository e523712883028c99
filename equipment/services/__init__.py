"""Services of equipment: every change of it, by module.

`catalogue` locations and types · `items` the register · `issues` who has what · `availability` times out of service,
lost and found · `files` photos, documents, links · `packing` what is taken to events and comes back · `repairs` what is
wrong and what is done about it · `inspection_plans` what is checked how often · `inspections` what came of it ·
`standings` until when items are in order.

Of consumables: `consumables` kinds · `lots` what comes, is counted, moved, thrown away · `usage` what is used up, on
events and without · `ledger` the one place that changes stock.

Order of locks: location, person, event, type, consumable, lot, item (several by key), rows of the item.
"""

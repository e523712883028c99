"""Pages for everybody, without an account: the status board, and what stands behind the code on an item.

What they may show is read by `equipment.status_board` alone, what they take goes through
`equipment.services.repairs.strangers`.
"""

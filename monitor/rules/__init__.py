"""YAML -> Rule; Article x Rules -> RuleHit. In reading order:

`tree` and `files` (text -> nodes that know their place), `findings` (what is wrong, collected), `language` and
`conditions` with `near`, `counting`, `pattern` and `syntax` (what a rule is), `terms`, `leaves`, `blocks`, `keys` and `load`
(nodes -> rules), `lint` (warnings), `found` and `matcher` (rules -> one automaton, what it finds, judging), `trace` and
`explain` (why), `trials` (the tests in the files).
"""

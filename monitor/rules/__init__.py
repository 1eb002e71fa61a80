"""YAML -> Rule; Article x Rules -> RuleHit. In reading order:

`tree` and `files` (text -> nodes that know their place), `findings` (what is wrong, collected), `language` and
`conditions` (what a rule is), `terms`, `blocks`, `keys` and `load` (nodes -> rules), `lint` (warnings), `found` and
`matcher` (rules -> one automaton, what it finds, judging), `trace` and `explain` (why), `trials` (the tests in the files).
"""

"""Names under which our components keep and publish what they found in a message."""

# Published in the parse result.
LANGUAGE = "language"
INTENTS = "intents"
MOOD = "mood"

# Between components only.
FEATURE_TEXT = "feature_text"
CLAUSES = "clauses"
APART = "apart"
FOLDED = "folded_text"

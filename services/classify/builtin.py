"""The lexicons that the engine itself asks for by name, beside those that rules ask for."""

from __future__ import annotations

from typing import Final

ENGINE_LEXICONS: Final = frozenset(
    """anaphora both_sides business clause_break commodity contest cue_announced cue_clarified cue_consider cue_denied
    cue_dispute cue_dropped cue_expanded cue_failed cue_future cue_hint cue_in_force cue_joined cue_operational
    cue_plan cue_proposal cue_rumour cue_signed cue_talks demonym export firm fresh_time genre inference
    initiative legal_text many_states mask measure_cue metal_context ministry negation official opinion_cue
    opinion_label order outsider past_time permit_noun require retrospective speech state stockpile supply
    target_state wish_cue""".split()
)

"""Every life has a transition table over all its states."""

import pytest

from accounts.states import JOB_MOVES, JOB_OVER, JobState
from consent.states import PROPOSAL_MOVES, ProposalState
from scoring.states import IMPORT_MOVES, ImportState

LIVES = [(JobState, JOB_MOVES), (ImportState, IMPORT_MOVES), (ProposalState, PROPOSAL_MOVES)]


@pytest.mark.parametrize(("states", "moves"), LIVES)
def test_transition_table_knows_every_state(states, moves):
    assert set(moves) == set(states)


@pytest.mark.parametrize(("states", "moves"), LIVES)
def test_every_state_but_the_first_can_be_reached(states, moves):
    reached = set().union(*moves.values())
    first = next(iter(states))
    assert set(states) - {first} <= reached


def test_nothing_follows_a_job_that_is_over():
    assert {state for state, nexts in JOB_MOVES.items() if not nexts} == set(JOB_OVER)

"""Decisions made once more: with their own rulebook, to prove them; with another, to see what it would change."""

from service.replay.decision import Replay, Verdict, replay, replay_of

__all__ = ["Replay", "Verdict", "replay", "replay_of"]

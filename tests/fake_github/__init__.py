"""Tests of the fake GitHub itself: one for each rule that it enforces, over plain HTTP."""

"""Discrete-event simulation of a day: skills, priorities, patience, staff from a roster; replications with confidence intervals."""

from wfm.simulate.measures import MEASURES, Estimate, SimulationResult
from wfm.simulate.model import OVERFLOW, SimulatedAgent, SimulatedQueue, Simulation, Skill, staff
from wfm.simulate.run import simulate

__all__ = [
    "MEASURES",
    "OVERFLOW",
    "Estimate",
    "SimulatedAgent",
    "SimulatedQueue",
    "Simulation",
    "SimulationResult",
    "Skill",
    "simulate",
    "staff",
]

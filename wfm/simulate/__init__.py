"""Discrete-event simulation of a day: skills, priorities, patience, staff from a roster; replications with confidence intervals."""

from wfm.simulate.measures import MEASURES, Estimate, SimulationResult
from wfm.simulate.model import OVERFLOW, SimulatedAgent, SimulatedQueue, Simulation, Skill, staff
from wfm.simulate.pooled_day import pooled_day
from wfm.simulate.pooling import PooledRequirement, pooled_requirement
from wfm.simulate.roster import agents_on_queue
from wfm.simulate.run import simulate

__all__ = [
    "MEASURES",
    "OVERFLOW",
    "Estimate",
    "PooledRequirement",
    "SimulatedAgent",
    "SimulatedQueue",
    "Simulation",
    "SimulationResult",
    "Skill",
    "agents_on_queue",
    "pooled_day",
    "pooled_requirement",
    "simulate",
    "staff",
]

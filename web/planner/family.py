"""The blueprint of the planner's pages."""

from flask import Blueprint

pages = Blueprint("planner", __name__)

"""The people of the demo: synthetic, by pseudonymous id, as a staff file would list them."""

from __future__ import annotations

LEAD, SUPERVISOR, PROVIDER, CHAIR = "lena", "omar", "ines", "petra"
MEMBERS = ("malik", "sofia", "jonas")
COMMUNITY = "amara"
_SINCE = "2020-01-01T00:00:00Z"
_ROLES = {
    LEAD: ("lead_practitioner", "exit_counselling"),
    SUPERVISOR: ("supervisor", "exit_counselling"),
    PROVIDER: ("intervention_provider", "employment_service"),
    CHAIR: ("panel_chair", "city"),
    "malik": ("panel_member", "housing_office"),
    "sofia": ("panel_member", "health_service"),
    "jonas": ("panel_member", "probation_service"),
    COMMUNITY: ("community_member", "neighborhood_association"),
    "dana": ("program_director", "city"),
    "rosa": ("data_protection_officer", "city"),
}
_CERTIFIED = "{trauma_informed_care: null, cultural_humility: null, nonviolent_communication: null}"

STAFF = "\n".join(
    f'- {{person: {person}, roles: [{role}], organization: {organization}, valid_from: "{_SINCE}", certificates: {_CERTIFIED}}}'
    for person, (role, organization) in _ROLES.items()
)
"""The staff file, as text."""

"""The names under which a case, a member and a bid go in every statement."""

from typing import NewType

CaseId = NewType("CaseId", str)
MemberId = NewType("MemberId", str)
BidId = NewType("BidId", str)

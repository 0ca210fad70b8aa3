"""Each guard by what it is, and what is handed in to have the app without it."""

from datetime import timedelta
from functools import partial

from remediation.policy import Policy
from remediation.reconciling.composition import Components
from tests.simulation import broken_parts as broken
from tests.simulation import broken_rounds as rounds
from tests.simulation.plant import Parts

MISSING: dict[str, Parts] = {
    "the mark that asks the holder to look again": Parts(Components(claims=broken.NoLookAgain)),
    "releasing only while no mark is set": Parts(Components(claims=broken.MarkForgottenOnRelease)),
    "asking for another look before letting go": Parts(Components(releaser=broken.ReleasesFirst)),
    "waiting for the lease of a claim that may be ours": Parts(Components(claims=broken.UnsureClaim)),
    "one worker per target": Parts(Components(claims=broken.Sharing)),
    "the margin before the high-water mark, and the version": Parts(
        Components(comparer=rounds.BelievesLateNews), policy=partial(Policy, margin=timedelta(0))
    ),
    "a high-water mark for complete looks only": Parts(Components(looker=broken.BlindlyComplete)),
    "the proof of a write": Parts(Components(looker=broken.Crude)),
    "the confirming read": Parts(Components(procedure=broken.NoConfirmingRead)),
    "a fresh look after a crash": Parts(Components(procedure=broken.Resending, fixer=broken.BlindResume)),
    "the budget of writes": Parts(Components(counters=broken.Unlimited)),
    "taking all writes of a repair together": Parts(Components(counters=broken.OneByOne)),
    "asking what is in force before a write": Parts(Components(still_in_force=broken.Heedless)),
    "reading anew what is in force": Parts(in_force=broken.ReadsOnce),
    "a successor on the queue before returning": Parts(Components(later=broken.ReturnsFirst)),
    "the moment a neighbour changed": Parts(Components(reverse_index=broken.Forgetful)),
    "storing before announcing": Parts(Components(herald=broken.TellsFirst)),
    "announcing before marking as announced": Parts(Components(herald=broken.MarksFirst)),
    "leaving to a living worker what it announces": Parts(Components(herald=broken.NotInHand)),
    "looking after what the dead held": Parts(watch=broken.NobodyLooksAfter),
    "marks that stay until their round is done": Parts(Components(marks=rounds.LetsGoFirst)),
    "a mark that is left during a round": Parts(Components(marks=rounds.ForgetsNewer)),
    "looking for marks after a round": Parts(Components(marks=rounds.NeverLooksBack)),
    "taking up what waits without a round": Parts(Components(collector=rounds.NobodyTakesUp)),
    "a picture of its own for each round": Parts(Components(picture=rounds.OldPicture)),
    "asking the direct lane where a look would differ": Parts(Components(comparer=rounds.SeesNoDifference)),
    "asking again where somebody is looking": Parts(Components(comparer=rounds.TrustsTheUnfinished)),
    "posting before noting that people know": Parts(cards=broken.SettlesFirst),
    "taking a card before posting it": Parts(cards=broken.Untaken),
}

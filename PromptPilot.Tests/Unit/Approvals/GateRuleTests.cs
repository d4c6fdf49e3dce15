using PromptPilot.Core.Approvals;
using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Users;

namespace PromptPilot.Tests.Unit.Approvals;

/// <summary>When a change request may be applied.</summary>
public class GateRuleTests
{
    private static readonly Role[] Roles = [Role.Viewer, Role.Collaborator, Role.Architect, Role.Admin];

    /// <summary>
    /// Every way in which four people can be requester, author and approver, in every role and locked or not: what counts is compared with
    /// the rule in the design, written down again.
    /// </summary>
    [Fact]
    public void Approvals_CountOnlyOfOthers_WhoMayApproveNow()
    {
        string[] names = ["ann", "ben", "eve"];
        var people = (
            from role in Roles
            from isLocked in new[] { false, true }
            from name in names
            select new GatePerson(name, role, isLocked)
        ).ToList();
        var opened = 0;
        foreach (var requester in names)
        {
            foreach (var author in names.Append(null))
            {
                var request = Request(requester, author);
                foreach (var one in people)
                {
                    foreach (var two in people)
                    {
                        var expected = new[] { one, two }
                            .Where(person => person.Role is Role.Architect or Role.Admin && !person.IsLocked)
                            .Select(person => person.Id)
                            .Where(id => id != requester && id != author)
                            .Distinct()
                            .Count();

                        // One account has one state: the same name twice in two states cannot be.
                        if (one.Id == two.Id && one != two)
                        {
                            continue;
                        }

                        GateRule.Count(request, [one, two]).Should().Be(expected);
                        var facts = new GateFacts(new GatePerson(requester, Role.Architect, false), [one, two], null);
                        var isOpen = GateRule.Missing(new Protection { Approvals = 2 }, request, facts).Count == 0;
                        isOpen.Should().Be(expected == 2);
                        opened += isOpen ? 1 : 0;
                    }
                }
            }
        }

        opened.Should().BePositive();
    }

    [Theory]
    [InlineData(9, 10, 0, 90, 0, true)]
    [InlineData(8, 10, 0, 90, 0, false)]
    [InlineData(2, 3, 0, 67, 0, false)]
    [InlineData(2, 3, 0, 66, 0, true)]
    [InlineData(10, 10, 1, 90, 0, false)]
    [InlineData(10, 10, 1, 90, 1, true)]
    [InlineData(0, 0, 0, 0, 0, false)]
    [InlineData(0, 5, 0, 0, 0, true)]
    public void Experiment_IsHeldToBothNumbers(int passed, int count, int worse, int minPass, int maxWorse, bool isGood) =>
        GateRule
            .MissingInExperiment(
                new Protection { MinPassPercent = minPass, MaxRegressions = maxWorse },
                new GateOutcome(null, passed, count, worse)
            )
            .Should()
            .HaveCount(isGood ? 0 : 1);

    [Theory]
    [InlineData(ChangeStatus.Applied)]
    [InlineData(ChangeStatus.Rejected)]
    [InlineData(ChangeStatus.Withdrawn)]
    [InlineData(ChangeStatus.Outdated)]
    public void ClosedRequest_IsNeverApplied(ChangeStatus status)
    {
        var request = Request("ann", null);
        request.Status = status;
        GatePerson[] all = [new("ben", Role.Admin, false)];

        GateRule
            .Missing(new Protection(), request, new GateFacts(new GatePerson("ann", Role.Admin, false), all, null))
            .Should()
            .NotBeEmpty();
    }

    [Fact]
    public void Request_OfADeletedPerson_IsNotApplied() =>
        GateRule
            .Missing(new Protection(), Request("ann", null), new GateFacts(null, [new GatePerson("ben", Role.Admin, false)], null))
            .Should()
            .ContainSingle();

    private static ChangeRequest Request(string by, string? author) =>
        new()
        {
            PromptId = "prompt",
            Label = "production",
            To = "v2",
            RequestedBy = by,
            AuthorId = author,
        };
}

using PromptPilot.Core.Users;
using PromptPilot.Core.Users.OpenId;

namespace PromptPilot.Tests.Unit.Users;

public sealed class OpenIdRolesTests
{
    private static readonly OpenIdOptions Mapped = new()
    {
        AdminGroups = ["admins"],
        CollaboratorGroups = ["staff", "Line one, two"],
        ViewerGroups = ["staff"],
    };

    [Theory]
    [InlineData("admins staff", Role.Admin)]
    [InlineData("staff", Role.Collaborator)]
    [InlineData("Staff", null)]
    [InlineData("", null)]
    public void Of_TakesTheMostPowerfulGroup_ByItsExactName(string groups, Role? expected) =>
        OpenIdRoles.Of(Mapped, groups.Split(' ')).Should().Be(expected);

    [Theory]
    [InlineData(OpenIdDefaultRole.None, null)]
    [InlineData(OpenIdDefaultRole.Viewer, Role.Viewer)]
    [InlineData(OpenIdDefaultRole.Architect, Role.Architect)]
    public void Of_WithoutAGroup_IsTheDefault(OpenIdDefaultRole role, Role? expected)
    {
        var options = new OpenIdOptions { DefaultRole = role };

        OpenIdRoles.AreMapped(options).Should().BeFalse();
        OpenIdRoles.Of(options, ["admins"]).Should().Be(expected);
    }
}

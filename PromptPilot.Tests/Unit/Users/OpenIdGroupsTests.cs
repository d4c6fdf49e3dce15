using System.Text.Json;
using PromptPilot.Core.Users.OpenId;

namespace PromptPilot.Tests.Unit.Users;

/// <summary>The groups of the answers to a refresh token: of its id_token, and about its person.</summary>
public sealed class OpenIdGroupsTests
{
    [Theory]
    [InlineData("""{"sub":"ann","groups":["a"]}""", """{"sub":"ann"}""", "a")]
    [InlineData("""{"sub":"ann"}""", """{"sub":"ann","groups":["b","c"]}""", "b c")]
    [InlineData("""{"sub":"ann","groups":["a","b"]}""", """{"sub":"ann","groups":"b"}""", "a b")]
    [InlineData("""{"sub":"ann"}""", """{"sub":"ann"}""", "")]
    [InlineData("""{"sub":"ann"}""", null, "")]
    [InlineData(null, """{"sub":"ann","groups":[]}""", "")]
    [InlineData(null, """{"sub":"ann"}""", null)]
    [InlineData(null, null, null)]
    public void GroupsOf_AreThoseOfBoth_OrUnknown(string? token, string? info, string? expected)
    {
        var groups = OpenIdProvider.GroupsOf(Read(token), Read(info), "ann", "groups");

        (groups is null ? null : string.Join(' ', groups)).Should().Be(expected);
    }

    [Theory]
    [InlineData("""{"sub":"eve","groups":["a"]}""", """{"sub":"ann"}""")]
    [InlineData("""{"sub":"ann"}""", """{"sub":"eve","groups":["a"]}""")]
    [InlineData("""{"groups":["a"]}""", null)]
    [InlineData("[]", null)]
    public void GroupsOf_AnotherPerson_AreRefused(string? token, string? info)
    {
        var asking = () => OpenIdProvider.GroupsOf(Read(token), Read(info), "ann", "groups");

        asking.Should().Throw<OpenIdException>();
    }

    private static JsonElement? Read(string? json) => json is null ? null : JsonElement.Parse(json);
}

using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Known;

namespace PromptPilot.Tests.Unit.Models;

public sealed class ModelEndTests
{
    private static readonly DateOnly End = new(2027, 1, 14);

    [Fact]
    public void Of_KnownModel_NamesDayReplacementAndSource()
    {
        var end = ModelEnd.Of(Providers.OpenAI, "gpt-4.1-mini-2025-04-14", null)!;

        (end.On, end.Replacement, end.Source!.Vendor).Should().Be((End, "gpt-6-luna", "OpenAI"));
    }

    [Theory]
    [InlineData(Providers.AzureOpenAI, "gpt-4.1-mini")]
    [InlineData(Providers.OpenAICompatible, "openai/gpt-4.1-mini")]
    [InlineData(Providers.OpenAI, "gpt-6-luna")]
    [InlineData(Providers.OpenAI, "claude-opus-4-5")]
    [InlineData(Providers.Offline, "extractive")]
    public void Of_WhatTheVendorItselfSaysNothingAbout_IsUnknown(string provider, string model) =>
        ModelEnd.Of(provider, model, null).Should().BeNull();

    [Fact]
    public void Of_EnteredDay_WinsOverTheKnownOne()
    {
        var end = ModelEnd.Of(Providers.OpenAI, "gpt-4.1-mini", new DateOnly(2027, 3, 1))!;

        (end.On, end.Replacement, end.Source).Should().Be((new DateOnly(2027, 3, 1), "gpt-6-luna", null));
        ModelEnd.Of(Providers.Ollama, "llama", End)!.On.Should().Be(End);
    }

    [Theory]
    [InlineData("2026-11-29", "will be retired in 46 days", true)]
    [InlineData("2026-10-16", "will be retired in 90 days", true)]
    [InlineData("2026-10-15", "will be retired in 91 days", false)]
    [InlineData("2027-01-13", "will be retired tomorrow", true)]
    [InlineData("2027-01-14", "will be retired today", true)]
    [InlineData("2027-01-15", "was retired yesterday", true)]
    [InlineData("2027-01-20", "was retired 6 days ago", true)]
    public void Words_SayHowLong(string today, string words, bool isNear)
    {
        var (end, now) = (new ModelEnd(End, null, null), DateTime.Parse(today, System.Globalization.CultureInfo.InvariantCulture));

        end.Words(now.AddHours(13)).Should().Be(words);
        end.IsNear(now).Should().Be(isNear);
    }

    [Fact]
    public void KnownEnds_AreDatedAndSourced()
    {
        var ending = KnownModels.All.Where(model => model.EndsOn is not null).ToList();
        ending.Should().HaveCountGreaterThan(10);
        ending
            .Should()
            .OnlyContain(model => model.Maker.Ends!.Page.StartsWith("https://") && model.Maker.Ends.AsOf > new DateOnly(2026, 10, 1));
        ending
            .Select(model => KnownModels.Find(model.Replacement!))
            .Should()
            .OnlyContain(replacement => replacement == null || replacement.EndsOn == null);
    }
}

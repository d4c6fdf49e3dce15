using System.Globalization;
using PromptPilot.Core.Exchange;

namespace PromptPilot.Tests.Unit.Docs;

/// <summary>The limits that docs/exchange.md names are those of the code.</summary>
public class LimitsDocTests
{
    public static TheoryData<string> Phrases =>
        [
            $"{ExchangeLimits.Megabytes(ExchangeLimits.Upload)} in the portal",
            $"| Files | {Number(ExchangeLimits.Files)} |",
            $"{ExchangeLimits.Megabytes(ExchangeLimits.File)} per file, {ExchangeLimits.Megabytes(ExchangeLimits.Total)} in total",
            $"{Number(ExchangeLimits.Depth)} levels and {Number(ExchangeLimits.Values)} values per file",
        ];

    [Theory]
    [MemberData(nameof(Phrases))]
    public void ExchangeLimit_IsThatOfTheCode(string phrase) => Documents.Read("docs/exchange.md").Should().Contain(phrase);

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}

using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Texts;

/// <summary>
/// Whatever a model answers, its run ends, with U+FFFD in place of what cannot be stored, and the next run is not held up.
/// </summary>
public sealed class OddAnswerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_OfEveryOddAnswer_EndsWithWhatCanBeStored()
    {
        var model = new ScriptedModel();
        await using var host = await EngineHost.StartAsync(model);
        var text = await host.AddWorkflowAsync(("one", ["text"]), ("two", ["one"]));
        var once = new StepOptions { MaxAttempts = 1 };
        var json = await host.AddWorkflowAsync(
            new WorkflowOptions(),
            ("made", ["text"], once with { OutputFormat = OutputFormat.Json }),
            ("then", ["made"], once)
        );
        var fault = await host.AddWorkflowAsync(new WorkflowOptions(), ("fault", ["text"], once));
        foreach (var odd in OddTexts.Take(Samples.Count(few: 12, many: 1_000)))
        {
            var kept = Unicode.WellFormed(odd);
            var shown = OddTexts.Json(odd);
            model.Say("one", odd).Say("made", OddTexts.Json(odd)).FaultOnce("fault", new ModelFault(ErrorCode.ProviderError, odd));

            var ofText = await host.EndOfAsync(await host.StartRunAsync(text));
            var ofJson = await host.EndOfAsync(await host.StartRunAsync(json));
            var ofFault = await host.EndOfAsync(await host.StartRunAsync(fault));

            ofText.Status.Should().Be(RunStatus.Succeeded, shown);
            ofText.Outputs!["one"].GetString().Should().Be(kept, shown);
            ofText.Outputs!["two"].GetString().Should().Be($"[two: {kept}]", shown);
            if (Unicode.Fault(odd.Replace('\0', ' ')) is null)
            {
                ofJson.Status.Should().Be(RunStatus.Succeeded, $"{shown}: {ofJson.Error?.Message}");
                ofJson.Outputs!["made"].GetString().Should().Be(kept, shown);
                ofJson.Outputs!["then"].GetString().Should().Be($"[then: {kept}]", shown);
            }
            else
            {
                ofJson.Error!.Code.Should().Be(ErrorCode.InvalidOutput, shown);
            }

            ofFault.Error!.Message.Should().EndWith(kept, shown);
            foreach (var run in new[] { ofText, ofJson, ofFault })
            {
                (await StoredAsync(host, run)).Should().OnlyContain(stored => Unicode.Fault(stored) == null, shown);
            }
        }
    }

    /// <summary>The texts of a run as the database has them.</summary>
    private static async Task<List<string>> StoredAsync(EngineHost host, RunState run)
    {
        var stored = (await host.Runs.FindAsync(host.Person, run.Id, Cancellation)).Value;
        stored.Error?.Message.Should().Be(run.Error?.Message);
        await using var db = host.Db();
        var logs = db.ExecutionLogs.Where(log => log.RunId == run.Id).ToList();
        return
        [
            .. logs.Select(log => log.Output),
            .. logs.Select(log => log.ErrorMessage).OfType<string>(),
            .. stored
                .Outputs?.Values.Where(value => value.ValueKind == System.Text.Json.JsonValueKind.String)
                .Select(value => value.GetString()!)
                ?? [],
        ];
    }
}

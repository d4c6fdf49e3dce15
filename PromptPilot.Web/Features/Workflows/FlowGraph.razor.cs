using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Web.Features.Workflows.Layout;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>
/// The one drawing of a workflow: of a saved one, of a draft while it is edited, and of a run while it continues.
/// Give <see cref="States"/> for a run; <see cref="Selected"/> with <see cref="OnSelect"/> where the page keeps the selection, else the
/// drawing keeps it.
/// </summary>
public sealed partial class FlowGraph : ComponentBase
{
    private const int MostLabels = 14;

    /// <summary>Pixels; a larger drawing is hard to read once it is scaled down to its box.</summary>
    private const double MostFitting = 620;

    private readonly string _id = Guid.NewGuid().ToString("N")[..8];
    private FlowLayout _layout = FlowLayout.Of([], []);
    private (object? Inputs, object? Steps, bool WithStates) _drawn;
    private string? _own;
    private bool _isActualSize;

    /// <summary>Names of the workflow's inputs.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<string> Inputs { get; set; }

    /// <summary>The steps in order. A new list triggers a new layout.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<FlowStep> Steps { get; set; }

    /// <summary>The status of the steps of a run, by <see cref="FlowStep.Key"/>; null: this is no run.</summary>
    [Parameter]
    public IReadOnlyDictionary<string, FlowState>? States { get; set; }

    /// <summary>Key of the chosen step.</summary>
    [Parameter]
    public string? Selected { get; set; }

    /// <summary>Raised with the key of a step that was clicked, or pressed by Enter or Space.</summary>
    [Parameter]
    public EventCallback<string> OnSelect { get; set; }

    /// <summary>The id of the element that choosing a step brings into view.</summary>
    [Parameter]
    public Func<FlowStep, string>? TargetOf { get; set; }

    [Parameter]
    public string Label { get; set; } = "Data flow";

    private string? Chosen => Selected ?? _own;

    private string ArrowId => $"arrow-{_id}";

    private bool FewLines => _layout.Lines.Count <= MostLabels;

    private string Words =>
        $"{_layout.Boxes.Count} {(_layout.Boxes.Count == 1 ? "step" : "steps")} on {_layout.Levels} "
        + $"{(_layout.Levels == 1 ? "level" : "levels")}";

    protected override void OnParametersSet()
    {
        var wanted = (Inputs, Steps, States is not null);
        if (!ReferenceEquals(_drawn.Inputs, Inputs) || !ReferenceEquals(_drawn.Steps, Steps) || _drawn.WithStates != wanted.Item3)
        {
            _drawn = wanted;
            _layout = FlowLayout.Of(Inputs, Steps, wanted.Item3, _layout);
        }
    }

    private FlowState? StateOf(FlowStep step) => States?.GetValueOrDefault(step.Key);

    private Task ChooseAsync(FlowStep step)
    {
        _own = step.Key;
        return OnSelect.InvokeAsync(step.Key);
    }

    /// <summary>A step as text, for screen readers.</summary>
    private static string Head(FlowBox box) => Shorten.Text($"{box.Number} {box.Step.OutputKey}", 14);

    private static string Under(FlowBox box) => Shorten.Text(box.Step.Problem is { } problem ? $"⚠ {problem}" : box.Step.Subtitle, 19);

    private static string Marks(FlowBox box) => string.Join(" · ", box.Step.Marks);

    private static string Standing(FlowState state) =>
        Shorten.Text($"{state.Sign} {state.Word}{(state.Time is null ? null : " " + state.Time)}", 19);

    /// <summary>
    /// The step's title, which is its name for those who do not see it. What is drawn comes first and word by word, so that who speaks to
    /// the page can say what they see; then what is cut off or not drawn.
    /// </summary>
    private static string Said(FlowBox box, FlowState? state)
    {
        var drawn = string.Join(
            " ",
            new[] { Head(box), Under(box), Marks(box), state is null ? "" : Standing(state) }.Where(line => line.Length > 0)
        );
        return drawn
            + (drawn.Contains('…', StringComparison.Ordinal) ? $". {box.Step.OutputKey}: {box.Step.Subtitle}" : "")
            + (box.Step.Problem is { } problem ? $". Problem: {problem}" : "")
            + (state is { IsLive: true } ? ", text is arriving" : "")
            + (
                box.Step.Readings.Count == 0
                    ? ""
                    : ". Reads "
                        + string.Join(
                            "; ",
                            box.Step.Readings.Select(r =>
                                $"{r.Name} ← {r.Expression}{(r.Sample is null ? "" : $" = {Shorten.Text(r.Sample, 60)}")}"
                            )
                        )
            );
    }

    private static string Px(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    // Razor takes <text> for its own element, so SVG's is written out; everything in it is encoded.
    private static string Text(double x, double y, string style, string text) =>
        $"<text x=\"{Px(x)}\" y=\"{Px(y)}\" class=\"{style}\">{WebUtility.HtmlEncode(text)}</text>";
}

namespace PromptPilot.Web.Features.Runs.Steps;

/// <summary>
/// Which steps of a run are open on the page: those that the reader opened, and those that open by themselves. While the page follows the
/// run, a step folds when it is no longer of interest; a reader who has stopped following keeps what they read.
/// </summary>
internal sealed class OpenSteps
{
    private readonly Dictionary<string, bool> _chosen = [];
    private readonly HashSet<string> _open = [];

    public bool IsOpen(StepCardModel card) =>
        _chosen.TryGetValue(card.Step.StepId, out var isOpen) ? isOpen : _open.Contains(card.Step.StepId);

    /// <summary>Applies the run's new state.</summary>
    public void Update(IEnumerable<StepCardModel> cards, bool isFollowing)
    {
        if (isFollowing)
        {
            _open.Clear();
        }

        _open.UnionWith(cards.Where(card => card.Opens).Select(card => card.Step.StepId));
    }

    public void Toggle(StepCardModel card) => _chosen[card.Step.StepId] = !IsOpen(card);

    public void ChooseAll(IEnumerable<StepCardModel> cards, bool isOpen)
    {
        foreach (var card in cards)
        {
            _chosen[card.Step.StepId] = isOpen;
        }
    }
}

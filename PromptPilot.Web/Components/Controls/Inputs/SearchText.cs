namespace PromptPilot.Web.Components.Controls.Inputs;

/// <summary>
/// The text of a search field that is also in the address. The address lags behind typing: one that we requested ourselves and that
/// arrives late must not undo what was typed since,
/// while one from elsewhere (Back, a link) does replace it.
/// </summary>
internal sealed class SearchText
{
    private readonly List<string> _sent = [];
    private string _arrived = "";
    private int _keystroke;

    /// <summary>The text in the field.</summary>
    public string Shown { get; private set; } = "";

    /// <summary>Accepts input and waits for a pause in typing.</summary>
    /// <returns>Whether it is still the last that was typed, so that the address should follow.</returns>
    public async Task<bool> TypeAsync(string text, TimeProvider time, CancellationToken leaving)
    {
        Shown = text;
        var keystroke = ++_keystroke;
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(120), time, leaving);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        if (keystroke != _keystroke)
        {
            return false;
        }

        _sent.Add(text.Trim());
        return true;
    }

    /// <summary>Takes the text of the address.</summary>
    public void Arrive(string? address)
    {
        var text = address ?? "";
        var mine = _sent.LastIndexOf(text);
        if (mine >= 0)
        {
            _sent.RemoveRange(0, mine + 1);
        }
        else if (text != _arrived)
        {
            Shown = text;
            _sent.Clear();
        }

        _arrived = text;
    }
}

namespace PromptPilot.Web.Components.Controls.Inputs;

/// <summary>
/// The text of a field that is reported elsewhere while it is typed. What is reported comes back late: an echo must not undo what was
/// typed since, while another text does replace it.
/// </summary>
internal sealed class TypedText
{
    private readonly List<string> _sent = [];
    private string _arrived = "";

    /// <summary>The text in the field.</summary>
    public string Shown { get; private set; } = "";

    public void Type(string text) => Shown = text;

    /// <summary>Notes that a text was reported and will come back.</summary>
    public void Send(string text) => _sent.Add(text);

    /// <summary>Takes the text that is known elsewhere.</summary>
    public void Arrive(string text)
    {
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

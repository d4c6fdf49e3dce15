using PromptPilot.Web.Components.Controls.Inputs;

namespace PromptPilot.Web.Components.Controls.Filters;

/// <summary>The text of a search field that is also in the address, or in a query, which lags behind typing.</summary>
internal sealed class SearchText
{
    private readonly TypedText _text = new();
    private int _keystroke;

    /// <summary>The text in the field.</summary>
    public string Shown => _text.Shown;

    /// <summary>Accepts input and waits for a pause in typing.</summary>
    /// <returns>Whether it is still the last that was typed, so that the address should follow.</returns>
    public async Task<bool> TypeAsync(string text, TimeProvider time, CancellationToken leaving)
    {
        _text.Type(text);
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

        _text.Send(text.Trim());
        return true;
    }

    /// <summary>Takes the text of the address.</summary>
    public void Arrive(string? address) => _text.Arrive(address ?? "");
}

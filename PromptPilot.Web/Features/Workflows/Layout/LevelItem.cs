namespace PromptPilot.Web.Features.Workflows.Layout;

/// <summary>An item on a level: a box, or the lane of a long line that passes it.</summary>
/// <param name="key">Finds its place in the previous layout.</param>
/// <param name="node">Index of the box, or of the box that the lane starts at.</param>
internal sealed class LevelItem(string key, int node, int level, bool isLane, double left, double right)
{
    public string Key => key;

    public int Node => node;

    public int Level => level;

    public bool IsLane => isLane;

    public double Left => left;

    public double Right => right;

    /// <summary>Connected items on the level above.</summary>
    public List<LevelItem> Above { get; } = [];

    /// <summary>Connected items on the level below.</summary>
    public List<LevelItem> Below { get; } = [];

    /// <summary>Its place on its level, from 0.</summary>
    public int Rank { get; set; }

    /// <summary>The x position where its lines meet, in pixels.</summary>
    public double X { get; set; }
}
